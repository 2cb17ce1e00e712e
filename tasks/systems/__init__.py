"""The only room that talks to the outside: one adapter per system, typed methods in, plain data out."""
