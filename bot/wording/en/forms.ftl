# Forms, whole or question by question.
form-empty = This has to be filled in.
form-too-long = At most { $number } characters, please.
form-too-few = { $number ->
    [one] Choose at least one.
   *[other] Choose at least { $number }.
}
form-too-many = { $number ->
    [one] Choose only one.
   *[other] Choose at most { $number }.
}
form-unknown = That is not among the choices. Tap one of them.
form-now = Now: { $value }
form-write = write your answer
form-tap = tap one
form-tap-several = tap as many as apply
form-step = { $step } of { $total }
form-skip = Skip
form-keep = Continue ▸
form-left = “{ $title }” was put aside. Nothing was changed.
form-again = Take it up again
form-nothing = There is nothing to cancel.
form-optional = optional
form-problems = Not yet: see what is marked below.
help-cancel = /cancel – put aside what I am asking you
