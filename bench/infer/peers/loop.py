"""Runs a model in a plain loop with one thread, for so many seconds: what there is to gain without a server.
Usage: python loop.py FILE SECONDS"""
import json
import sys
import time

import numpy as np
import onnxruntime as ort

options = ort.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = ort.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
image = np.random.default_rng(1).random((1, 3, 224, 224), np.float32)
for _ in range(3):
    session.run(None, {"image": image})
cpu, end, runs = time.process_time(), time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < end:
    session.run(None, {"image": image})
    runs += 1
print(json.dumps({"cpuMicros": (time.process_time() - cpu) * 1e6 / runs, "perSecond": runs / float(sys.argv[2])}))
