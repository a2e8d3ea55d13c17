import type { ExternalVariant } from '@greenroom/plugin-ai-inference-common';
import { EchoServer } from './EchoServer';
import { addExternalModel } from './externalModel';
import type { FakeControlPlane } from './FakeControlPlane';

export const UPSTREAMS = ['rest', 'grpc', 'json'] as const;

/** Servers that give back what they get, as versions behind each form of the protocol. */
export class RemoteEcho {
  /** Takes bytes. */
  readonly echo = new EchoServer(['binary_tensor_data']);
  /** Takes JSON alone. */
  readonly json = new EchoServer([]);

  async start(): Promise<void> {
    await Promise.all([this.echo.start(), this.json.start()]);
  }

  async stop(): Promise<void> {
    await Promise.all([this.echo.stop(), this.json.stop()]);
  }

  add(
    controlPlane: FakeControlPlane,
    datatype: 'BF16' | 'BYTES',
    upstream: (typeof UPSTREAMS)[number],
    variant: Partial<ExternalVariant> = {},
  ): ExternalVariant {
    const settings = {
      rest: { baseUrl: this.echo.url },
      grpc: { baseUrl: this.echo.grpcUrl, protocol: 'grpc' },
      json: { baseUrl: this.json.url },
    }[upstream];
    const spec = { datatype, shape: [-1, -1] };
    return addExternalModel(controlPlane, {
      descriptor: {
        connection: upstream,
        model: 'echo',
        tasks: [],
        tensors: {
          protocol: 'open-inference',
          signature: {
            inputs: [{ name: 'x', ...spec }],
            outputs: [{ name: 'y', ...spec }],
          },
        },
      },
      connection: { name: upstream, kind: 'open-inference', settings },
      variant,
    });
  }
}
