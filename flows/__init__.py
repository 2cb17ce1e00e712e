"""Orchestration: order, gates, questions; reads like the runbook.

========================  ====================================================================
file                      what it is about
========================  ====================================================================
activate.py ...           the commands: arguments -> Settings -> work -> report -> exit code
arguments.py              the words the commands share, and how mistakes are told
resolve.py                arguments, environment, file and discovery -> Settings
worlds.py                 Settings -> the adapters of the world they name
session.py                one run: its world, its journal, its findings, its results
runbook.py                which steps each phase has, in order
gate.py                   which findings stop which steps
course.py                 how the steps of one phase are run; knows no orchestrator
orchestration.py          the only file that knows how Prefect runs a step
activation.py, phases/    the flows that a Prefect server shows
========================  ====================================================================
"""
