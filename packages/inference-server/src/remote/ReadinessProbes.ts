import type { UpstreamService } from '../connections/UpstreamService';
import { paceOf, type ProbePace } from './chooseProbe';
import { ServerProbes, type ModelWatch } from './ServerProbes';

/** All questions for readiness of a data plane, by the server that they go to: one that hangs holds up no other. */
export class ReadinessProbes {
  readonly #pace: ProbePace;
  readonly #servers = new Map<string, ServerProbes>();

  constructor(options: {
    /** Serving processes that ask the same. */
    processes: number;
  }) {
    this.#pace = paceOf(options.processes);
  }

  /** @param onChange - told when whether the model can answer has changed, or why it cannot */
  watch(
    service: UpstreamService,
    model: string,
    onChange: () => void,
  ): ModelWatch {
    // Two connections may lead to one server.
    const address = service.provider.address ?? service.name;
    const server = this.#servers.get(address) ?? new ServerProbes(this.#pace);
    this.#servers.set(address, server);
    const watch = server.watch(service, model, onChange);
    return {
      get health() {
        return watch.health;
      },
      asked: watch.asked,
      end: () => {
        watch.end();
        if (server.isUnused) this.#servers.delete(address);
      },
    };
  }
}
