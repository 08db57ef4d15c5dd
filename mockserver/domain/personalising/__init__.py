"""A message for each of many people: Liquid, references to a profile's traits, `{{1}}`.

`compiling` makes a `template.Template` of a text, which is rendered for each recipient; `shapes`
does so for all texts of a piece of JSON; `defaults` tells variables that somebody lacks; `traits`
and `placeholders` are other ways to fill in values. `engine`, `bounds` and `reading` alone load the
Liquid library; `compiling` turns to them with the first text that needs it.
"""
