"""What `/metrics` tells: counted by each worker, told by the process that supervises them.

A worker keeps its numbers in a file of doubles mapped into its memory (`sample_file`): counting a request is three additions there
(`requests`), and every few seconds it notes how much waits (`levels`). The supervisor adds up the files of its workers, those that
have ended included, and answers Prometheus (`exposition`). Where `VARCO_METRICS` is empty none of it is there.
"""
