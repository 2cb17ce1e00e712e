"""What the flows are made of, on three floors; a room imports only from lower floors.

==========  =====  ==========================================================================
room        floor  what lives there
==========  =====  ==========================================================================
domain      0      frozen values and pure rules of the field; standard library only
checks      1      pure questions over facts, one file per subject
diagnosis   1      pure: signals and log text -> Diagnosis
reports     1      pure renderers of one Report: terminal, JSON, markdown, HTML
systems     1      the only room that talks to the outside: shell, git, cargo, GitHub, AWS, clock
facts       2      systems -> facts; a failure to look becomes ``Unseen(reason)``
steps       2      one idempotent step per file: ``decide`` is pure, ``act`` acts, ``look`` looks again
==========  =====  ==========================================================================

The path of the data: facts -> Snapshot -> checks -> Findings -> what blocks? -> decide() of each
step -> Plan -> Approval of its digest -> ensure(): look, decide, act, look again -> journal ->
the phase's checks again, as postconditions -> Report.
"""
