import type { ExternalVariant } from '@greenroom/plugin-ai-inference-common';
import { sendJson, StandIn, type Script } from '../providers/testing/StandIn';
import { addExternalModel } from './externalModel';
import type { FakeControlPlane } from './FakeControlPlane';
import { SIGNATURES } from './fixtures';

/** Answers as version 2 of `linear` does. */
export const answerAsVersion2: Script = (call, response) => {
  const [{ data, shape }] = call.json.inputs;
  const rows = Array.from({ length: shape[0] }, (_, row) =>
    data.slice(row * 3, row * 3 + 3),
  );
  sendJson(response, 200, {
    model_name: 'linear',
    outputs: [
      {
        name: 'y',
        datatype: 'FP32',
        shape: [shape[0], 1],
        data: rows.map(
          ([a, b, c]: number[]) => 10 * a + 20 * b + 30 * c - 18.2,
        ),
      },
    ],
  });
};

/** A server of the protocol that does with calls what a script says, and is ready for them. */
export class RemoteEndpoint extends StandIn {
  answersGet: Script | undefined = (_call, response) =>
    sendJson(response, 200, {});
}

/** An endpoint that answers as version 2 of `linear` does, once it is let. */
export class HeldEndpoint extends RemoteEndpoint {
  #letGo = () => {};
  readonly #mayAnswer = new Promise<void>(resolve => {
    this.#letGo = resolve;
  });

  constructor() {
    super(async (call, response) => {
      await this.#mayAnswer;
      await answerAsVersion2(call, response);
    });
  }

  /** Has it answer what it was asked, and whatever comes. */
  letGo(): void {
    this.#letGo();
  }
}

/** A version of `linear` that runs at an endpoint, which does what a test says. */
export function addRemoteLinear(
  controlPlane: FakeControlPlane,
  endpoint: StandIn,
  variant: Partial<ExternalVariant> = {},
  /** What the endpoint calls it. */
  model = 'linear',
): ExternalVariant {
  return addExternalModel(controlPlane, {
    descriptor: {
      connection: 'endpoints',
      model,
      tasks: [],
      tensors: {
        protocol: 'open-inference',
        signature: SIGNATURES['linear-2'],
      },
    },
    connection: {
      name: 'endpoints',
      kind: 'open-inference',
      settings: { baseUrl: endpoint.url },
    },
    variant: { version: 2, ...variant },
  });
}
