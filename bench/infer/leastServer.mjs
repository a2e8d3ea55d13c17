// @ts-check
import { createServer } from 'node:http';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { cpuText } from './cpuRoute.mjs';

// What the work itself takes with the same batching: the body read as JSON, or as one binary tensor, the rows that came
// in one turn of the loop computed in one run on the thread that serves, the outputs written as JSON. No keys, no checks, no routing, no records, no metrics:
// nothing that serves these models from node:http can cost less by much.
const MOST_ROWS = 64;

async function open({ model, file }) {
  const session = await InferenceSession.create(file, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  return { model, session, waiting: [], isDue: false };
}

async function run(one) {
  one.isDue = false;
  const group = one.waiting.splice(0, MOST_ROWS);
  if (one.waiting.length > 0) due(one);
  const [{ input }] = group;
  const size = input.data.length;
  const data = new Float32Array(group.length * size);
  for (let at = 0; at < group.length; at++) {
    data.set(group[at].input.data, at * size);
  }
  const shape = [group.length, ...input.shape.slice(1)];
  const results = await one.session.run({
    [input.name]: new Tensor('float32', data, shape),
  });
  for (let at = 0; at < group.length; at++) {
    const outputs = one.session.outputNames.map(name => {
      const { type, dims, data: values } = results[name];
      const width = values.length / group.length;
      const own = values.subarray(at * width, (at + 1) * width);
      const datatype = type === 'int64' ? 'INT64' : 'FP32';
      return `{"name":"${name}","datatype":"${datatype}","shape":[1${dims
        .slice(1)
        .map(length => `,${length}`)
        .join('')}],"data":[${own.join()}]}`;
    });
    answer(
      group[at].response,
      `{"model_name":"${one.model}","outputs":[${outputs.join()}]}`,
    );
  }
}

function readJson(body) {
  return JSON.parse(body.latin1Slice()).inputs[0];
}

function readBinary(body, head) {
  const input = readJson(body.subarray(0, head));
  // Numbers of four bytes lie at multiples of four.
  const data = new Float32Array(new Uint8Array(body.subarray(head)).buffer);
  return { ...input, data };
}

function due(one) {
  if (one.isDue) return;
  one.isDue = true;
  setImmediate(run, one);
}

function answer(response, text) {
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

const models = new Map();
for (const one of JSON.parse(process.env.MODELS ?? '[]')) {
  models.set(`/v2/models/${one.model}/infer`, await open(one));
}

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(cpuText());
    return;
  }
  const one = models.get(request.url);
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => {
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    const head = Number(request.headers['inference-header-content-length']);
    const input = head > 0 ? readBinary(body, head) : readJson(body);
    one.waiting.push({ input, response });
    due(one);
  });
});
server.listen(Number(process.env.PORT), '127.0.0.1');
