/** A model server whose models are loaded a moment after its start: modelServerPod.cjs <open-inference|openai> <host> <port>. */
const { createServer } = require('node:http');
const { json } = require('node:stream/consumers');

const [protocol, host, port] = process.argv.slice(2);
const LOADING_MILLIS = 500;
let isLoaded = false;
let isEnding = false;
setTimeout(() => (isLoaded = true), LOADING_MILLIS);

const ROUTES = {
  'open-inference': {
    'GET /v2/health/live': () => ({}),
    'GET /v2/health/ready': () => isLoaded && {},
    'GET /v2': () => ({ name: 'test', version: '1', extensions: [] }),
    'GET /v2/models/linear/ready': () => isLoaded && {},
    'GET /v2/models/linear': () => ({ name: 'linear', versions: ['1'] }),
    'POST /v2/models/linear/infer': ({ inputs: [{ data, shape }] }) => ({
      model_name: 'linear',
      outputs: [
        {
          name: 'y',
          datatype: 'FP32',
          shape: [shape[0], 1],
          data: Array.from({ length: shape[0] }, (_, row) =>
            data.slice(row * 3, row * 3 + 3).reduce((sum, x) => sum + x, 0),
          ),
        },
      ],
    }),
  },
  openai: {
    'GET /health': () => isLoaded && {},
    'GET /v1/models': () => ({ object: 'list', data: [{ id: 'small' }] }),
    'POST /v1/chat/completions': ({ model, messages }) => ({
      id: 'chat-1',
      object: 'chat.completion',
      created: 1,
      model,
      choices: [
        {
          index: 0,
          finish_reason: 'stop',
          message: {
            role: 'assistant',
            content: `you said: ${messages.at(-1).content}`,
          },
        },
      ],
      usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
    }),
  },
};

const server = createServer(async (req, res) => {
  const answer = ROUTES[protocol][`${req.method} ${req.url}`];
  const body = req.method === 'POST' ? await json(req) : undefined;
  const content = answer?.(body);
  const refusal = answer ? 503 : 404;
  res.writeHead(content ? 200 : refusal, {
    'content-type': 'application/json',
    ...(isEnding && { connection: 'close' }),
  });
  res.end(JSON.stringify(content || {}));
});
server.listen(Number(port), host);
// Takes nothing new, and finishes what it has.
process.once('SIGTERM', () => {
  isEnding = true;
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
