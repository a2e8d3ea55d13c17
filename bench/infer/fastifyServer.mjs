// @ts-check
import Fastify from 'fastify';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { cpuText } from './cpuRoute.mjs';

// What one writes in an hour: Fastify, one session a model, one run a request, no keys, no
// routing, no batching, no records, no metrics.
const models = JSON.parse(process.env.MODELS ?? '[]');
const sessions = new Map();
for (const { model, file } of models) {
  const session = await InferenceSession.create(file, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  sessions.set(model, session);
}

const toJson = ({ type, dims, data }, name) => ({
  name,
  datatype: type === 'int64' ? 'INT64' : 'FP32',
  shape: dims,
  data: Array.from(data, Number),
});

const app = Fastify();
app.get('/metrics', () => cpuText());
app.post('/v2/models/:model/infer', async request => {
  const { model } = /** @type {{ model: string }} */ (request.params);
  const { inputs } = /** @type {{ inputs: any[] }} */ (request.body);
  const session = sessions.get(model);
  const feeds = {};
  for (const { name, shape, data } of inputs) {
    feeds[name] = new Tensor('float32', Float32Array.from(data), shape);
  }
  const results = await session.run(feeds);
  return {
    model_name: model,
    model_version: '2',
    outputs: session.outputNames.map(name => toJson(results[name], name)),
  };
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
