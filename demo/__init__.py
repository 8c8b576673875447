"""A Home Assistant with recorded cameras, to look at and to test against."""
