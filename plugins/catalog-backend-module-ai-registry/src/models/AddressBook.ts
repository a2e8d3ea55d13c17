import type { AiInferenceClient } from '@greenroom/plugin-ai-inference-common';
import type {
  EnvironmentDefinition,
  Environments,
} from '@greenroom/plugin-ai-registry-common';
import type { PluginCaller } from '../PluginCaller';
import { findOne } from '../readPages';

/** Of data planes that stand side by side without one address for all; callers need no more to begin with. */
const MOST_ADDRESSES = 5;

/** Where callers reach each environment: as configured, or else as its data planes said last. */
export class AddressBook {
  readonly #options: {
    inference: AiInferenceClient;
    call: PluginCaller;
    environments: Environments;
  };
  readonly #told = new Map<string, string[]>();

  constructor(options: {
    inference: AiInferenceClient;
    call: PluginCaller;
    environments: Environments;
  }) {
    this.#options = options;
  }

  /** Asks what data planes say, where some environment's address is not configured. */
  async read(signal?: AbortSignal): Promise<void> {
    const { inference, call, environments } = this.#options;
    if (environments.all.every(({ dataPlaneAddress }) => dataPlaneAddress)) {
      return;
    }
    const caller = await call('ai-inference', signal);
    const seen = await findOne(() =>
      inference.listDataPlanes(caller, { withModels: false }),
    );
    for (const name of environments.names) {
      const online = (seen?.items ?? []).filter(
        dataPlane => dataPlane.online && dataPlane.environment === name,
      );
      // One that sleeps is at the same place when it is awake, as far as anybody knows.
      if (online.length === 0) continue;
      const addresses = online.map(({ publicUrl }) =>
        publicUrl.replace(/\/+$/, ''),
      );
      this.#told.set(
        name,
        [...new Set(addresses)].sort().slice(0, MOST_ADDRESSES),
      );
    }
  }

  /** None where nobody knows. */
  of({ name, dataPlaneAddress }: EnvironmentDefinition): string[] {
    return dataPlaneAddress ? [dataPlaneAddress] : this.#told.get(name) ?? [];
  }
}
