import tests.bot.usecases.test_ingest_together as t
def test_x(make_world):
    a,b=t.arrived(make_world),t.arrived(make_world)
    i=t.Ingest(a.store)
    for c,h in t.stored(a,t.talk(a)): i(a.community.id,h,cause=c)
    t.Ingest(b.store).together(b.community.id,t.stored(b,t.talk(b)))
    for x,y in zip(t.left(a)[2],t.left(b)[2]): print("A",x,"\nB",y,"\n" , x==y)
