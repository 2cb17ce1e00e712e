"""The host executor: runs the workflow files of a repository as host processes, as they are."""
