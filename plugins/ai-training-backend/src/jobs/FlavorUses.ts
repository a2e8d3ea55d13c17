import type { PermissionsService } from '@backstage/backend-plugin-api';
import { requirePermission } from '@greenroom/ai-node';
import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import {
  aiTemplateReadPermission,
  type FlavorUse,
  isHeldByKueue,
} from '@greenroom/plugin-ai-training-common';
import type { TrainingBackend } from '../backends/TrainingBackend';
import type { CallOptions } from '../callOptions';
import type { TeamQuota } from '../queue/queue';
import type { JobStore, OpenJob } from './JobStore';

/** How much there is of each flavor, and who has it. */
export class FlavorUses {
  readonly #jobs: Pick<JobStore, 'listOpen'>;
  readonly #backends: ReadonlyMap<string, TrainingBackend>;
  readonly #flavors: readonly Flavor[];
  readonly #quotas: readonly TeamQuota[];
  readonly #permissions: PermissionsService;

  constructor(options: {
    jobs: Pick<JobStore, 'listOpen'>;
    backends: ReadonlyMap<string, TrainingBackend>;
    flavors: readonly Flavor[];
    quotas: readonly TeamQuota[];
    permissions: PermissionsService;
  }) {
    this.#jobs = options.jobs;
    this.#backends = options.backends;
    this.#flavors = options.flavors;
    this.#quotas = options.quotas;
    this.#permissions = options.permissions;
  }

  /** Of each backend its flavors, by name. */
  async list({ credentials }: CallOptions): Promise<FlavorUse[]> {
    await requirePermission(this.#permissions, {
      permission: aiTemplateReadPermission,
      credentials,
    });
    const { jobs } = await this.#jobs.listOpen();
    const uses: FlavorUse[] = [];
    for (const [name, backend] of this.#backends) {
      const its = jobs.filter(job => job.backend === name);
      const { capacity, problem } = await capacityOf(backend);
      const flavors = new Set([
        ...capacity.keys(),
        ...its.map(({ flavor }) => flavor ?? backend.defaultFlavor),
      ]);
      // One that is away is seen, too.
      if (flavors.size === 0) flavors.add(backend.defaultFlavor);
      for (const flavor of [...flavors].sort()) {
        uses.push({
          ...this.#useOf(
            flavor,
            its.filter(job => (job.flavor ?? backend.defaultFlavor) === flavor),
          ),
          backend: name,
          ...(capacity.get(flavor) !== undefined && {
            capacity: capacity.get(flavor),
          }),
          ...(problem !== undefined && { problem }),
        });
      }
    }
    return uses;
  }

  #useOf(
    flavor: string,
    jobs: readonly OpenJob[],
  ): Omit<FlavorUse, 'backend' | 'capacity'> {
    const known = this.#flavors.find(({ name }) => name === flavor);
    const quotas = this.#quotas.filter(quota => quota.flavor === flavor);
    const teams = new Set([
      ...quotas.map(({ team }) => team),
      ...jobs.map(({ team }) => team),
    ]);
    return {
      flavor,
      title: known?.title ?? flavor,
      ...unitsOf(jobs),
      ...(known?.pricePerHour && { pricePerHour: known.pricePerHour }),
      teams: [...teams].sort().map(team => {
        const quota = quotas.find(one => one.team === team);
        const its = jobs.filter(job => job.team === team);
        return {
          team,
          hasQuota: quota !== undefined,
          nominal: quota?.nominal ?? 0,
          ...(quota?.borrow !== undefined && { borrow: quota.borrow }),
          weight: quota?.weight ?? 1,
          ...unitsOf(its),
        };
      }),
    };
  }
}

function unitsOf(
  jobs: readonly OpenJob[],
): Pick<FlavorUse, 'used' | 'queued' | 'held'> {
  const units = { used: 0, queued: 0, held: 0 };
  for (const job of jobs) {
    if (job.state.phase === 'queued') units.queued += job.units;
    else if (isHeldByKueue(job.state)) units.held += job.units;
    else units.used += job.units;
  }
  return units;
}

async function capacityOf(backend: TrainingBackend): Promise<{
  capacity: Map<string, number | undefined>;
  problem?: string;
}> {
  try {
    const capacity = await backend.capacity();
    return { capacity, problem: backend.problem };
  } catch (error) {
    return { capacity: new Map(), problem: (error as Error).message };
  }
}
