// @ts-check
import { once } from 'node:events';
import http from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** What an endpoint's models take and give: a number, and another one. */
export const SIGNATURE = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
};

/**
 * How a model behaves.
 *
 * @typedef {object} Behaviour
 * @property {number} [failsBelow] - inputs below it are answered with 500, however often they are sent; none when left out
 * @property {number} [delayMillis] - before each answer
 * @property {(x: number) => number} [answer] - twice what it was given when left out
 */

/** A server of models that speaks the Open Inference Protocol and behaves as it is told, well or badly. */
export class Endpoint {
  /** @type {Map<string, Behaviour>} */
  #behaviours = new Map();
  #server = http.createServer((request, response) => {
    this.#answer(request, response).catch(error => {
      response.writeHead(400).end(JSON.stringify({ error: error.message }));
    });
  });

  /** @param {number} port */
  async start(port) {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  /**
   * @param {string} model
   * @param {Behaviour} behaviour - from now on
   */
  behave(model, behaviour) {
    this.#behaviours.set(model, behaviour);
  }

  async #answer(request, response) {
    const [, model] = request.url.match(/^\/v2\/models\/([^/]+)\//) ?? [];
    const send = (status, body) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify(body));
    if (model === undefined) {
      request.resume();
      return send(200, []);
    }
    // It is there for its models, however they behave.
    if (request.method === 'GET') return send(200, {});
    const behaviour = this.#behaviours.get(model) ?? {};
    const { failsBelow = -Infinity, delayMillis = 0 } = behaviour;
    const { answer = x => 2 * x } = behaviour;
    const { inputs } = /** @type {any} */ (await json(request));
    if (delayMillis > 0) await sleep(delayMillis);
    const [{ data, shape }] = inputs;
    // A data plane asks once more after an error, and must not get an answer then.
    if (data.some(x => x < failsBelow)) {
      return send(500, { error: 'it cannot compute that' });
    }
    return send(200, {
      model_name: model,
      outputs: [{ name: 'y', datatype: 'FP32', shape, data: data.map(answer) }],
    });
  }
}

/**
 * The demo's environments, with connections to one endpoint in production: `steady`, and `shaky` for
 * versions that fail, so that the circuit which opens for them is not that of the others.
 *
 * @param {number} port - of the endpoint
 * @returns {string} the value of `APP_CONFIG_greenroom_environments`
 */
export function environmentsWithEndpoint(port) {
  const local = { kind: 'local' };
  const endpoint = {
    kind: 'open-inference',
    baseUrl: `http://127.0.0.1:${port}`,
  };
  return JSON.stringify([
    { name: 'dev', deployer: 'local', connections: { local } },
    { name: 'staging', deployer: 'local', connections: { local } },
    {
      name: 'production',
      connections: { local, steady: endpoint, shaky: endpoint },
    },
  ]);
}
