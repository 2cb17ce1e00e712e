"""The embedded world: a rehearsal on loopback of what live does with the real GitHub and the real AWS.

client.py    how commands find the world or start it; connection.py what they are told, rehearsals included
daemon.py    the background process: one a state directory, ended by a command, a signal or an idle hour
world.py     composes github/, aws/ and runner/, and makes private clones
seed.py      the sample's history; original.py somebody's own repository; scenarios.py the ways to be stuck
processes.py which processes belong to a world
"""
