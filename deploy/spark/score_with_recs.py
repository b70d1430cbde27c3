"""Scores a Spark table with recs: each partition goes through `recs score -` as an Arrow stream.

    spark-submit score_with_recs.py RECS MODEL INPUT OUTPUT HEAD [HEAD ...]

RECS and MODEL are paths on every executor: the program and a model folder. INPUT has the model's feature columns as
float, and user and item as string; OUTPUT gets user, item and a column for each HEAD (click, conversion, ...).
"""

import itertools
import subprocess
import sys
import threading

import pyarrow as pa


def through(command):
    """A function for DataFrame.mapInArrow: record batches in, record batches out, by way of a filter program."""

    def score(batches):
        batches = iter(batches)
        first = next(batches, None)
        if first is None:  # an empty partition has no schema to send
            return
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        failure = []

        # Sent from a thread: the program answers while it is still being sent to, and neither side may wait for the other.
        def send():
            try:
                with process.stdin, pa.ipc.new_stream(process.stdin, first.schema) as stream:
                    for batch in itertools.chain([first], batches):
                        stream.write_batch(batch)
            except BrokenPipeError:
                pass  # the program has ended: its exit code says why
            except BaseException as error:
                failure.append(error)
                process.kill()

        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        try:
            with pa.ipc.open_stream(process.stdout) as stream:
                yield from stream
        except pa.ArrowInvalid:
            if process.wait() == 0 and not failure:
                raise
        sender.join()
        if failure:
            raise failure[0]
        if process.wait() != 0:
            raise RuntimeError(f"{command[0]} ended with {process.returncode}; its last line of standard error says why")

    return score


def main(recs, model, source, target, *heads):
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.appName("recs score").getOrCreate()
    schema = ", ".join(["user string", "item string", *(f"`{head}` float" for head in heads)])
    rows = spark.read.parquet(source)
    rows.mapInArrow(through([recs, "score", "--model", model, "-"]), schema).write.mode("overwrite").parquet(target)


if __name__ == "__main__":
    if len(sys.argv) < 6:
        sys.exit(__doc__)
    main(*sys.argv[1:])
