"""What one writes in an hour in Python: FastAPI, one session a model with one thread, one run a request, no keys, no
routing, no batching, no records, no metrics."""
import json
import os

import numpy as np
import onnxruntime as ort
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

options = ort.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
sessions = {
    one["model"]: ort.InferenceSession(one["file"], options, providers=["CPUExecutionProvider"])
    for one in json.loads(os.environ["MODELS"])
}
DATATYPES = {"FP32": np.float32, "INT64": np.int64}
NAMES = {np.dtype(numpy): name for name, numpy in DATATYPES.items()}


class RequestInput(BaseModel):
    name: str
    datatype: str
    shape: list[int]
    data: list


class InferRequest(BaseModel):
    inputs: list[RequestInput]


app = FastAPI()


@app.get("/ready")
async def ready():
    return {}


@app.post("/v2/models/{model}/infer")
async def infer(model: str, request: InferRequest):
    session = sessions[model]
    feeds = {
        one.name: np.array(one.data, DATATYPES[one.datatype]).reshape(one.shape)
        for one in request.inputs
    }
    names = [output.name for output in session.get_outputs()]
    return {
        "model_name": model,
        "model_version": "2",
        "outputs": [
            {
                "name": name,
                "datatype": NAMES[result.dtype],
                "shape": list(result.shape),
                "data": result.ravel().tolist(),
            }
            for name, result in zip(names, session.run(names, feeds))
        ],
    }


uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error", access_log=False)
