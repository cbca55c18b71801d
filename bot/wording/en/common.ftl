# Words shared by everything.
app-name = Studyhall
button-enrol = ✅ Enrol
button-save = 🔖 Save
button-dismiss = 🙅 Not interested
button-why = ❓ Why this?
button-back = ◂ Back
button-cancel = Cancel
button-undo = ↩ Undo
kind-course = Course
kind-post = Discussion
kind-event = Event
kind-member = Member
level-beginner = beginner
level-intermediate = intermediate
level-advanced = advanced
