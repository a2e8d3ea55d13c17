import {
  attempt,
  compare,
  type ExperimentPair,
  type Import,
  ORIGIN_TAG,
} from './Import';
import { type ExperimentMessage, toPairs, toRecord } from './messages';

/** Says who owns an experiment of the portal; not to be taken from there. */
const OWNER_TAG = 'greenroom.owner';

/** Brings experiments over, or finds them by their names. @returns those whose runs can come */
export async function importExperiments(
  job: Import,
): Promise<ExperimentPair[]> {
  const pairs: ExperimentPair[] = [];
  for await (const experiment of job.source.experiments()) {
    await attempt(
      job,
      { kind: 'experiments', what: `experiment '${experiment.name}'` },
      async () => {
        const pair = await importExperiment(job, experiment);
        if (pair) pairs.push(pair);
      },
    );
  }
  return pairs;
}

async function importExperiment(
  job: Import,
  theirs: ExperimentMessage,
): Promise<ExperimentPair | undefined> {
  const { portal, report, isDryRun, source } = job;
  const { name, experiment_id } = theirs;
  const isDeleted = theirs.lifecycle_stage === 'deleted';
  const pair = {
    theirs: experiment_id,
    name,
    isDeleted,
    incomplete: new Set<string>(),
  };
  const { [OWNER_TAG]: _, ...tags } = toRecord(theirs.tags);
  const found = await portal.find<{ experiment: ExperimentMessage }>(
    '/experiments/get-by-name',
    { experiment_name: name },
  );
  if (!found) {
    if (isDryRun) {
      report.add('experiments', 'came');
      return pair;
    }
    const here = await create(job, name, {
      ...tags,
      [ORIGIN_TAG]: `${source.endpoint.url}/#/experiments/${experiment_id}`,
    });
    report.add('experiments', 'came');
    return { ...pair, here };
  }
  const { experiment } = found;
  if (experiment.lifecycle_stage === 'deleted') {
    if (isDeleted) {
      report.add('experiments', 'there');
      return undefined;
    }
    report.fail('experiments', {
      what: `experiment '${name}'`,
      why: 'it is deleted here, and nothing can be written to it: restore it, or give it another name',
    });
    return undefined;
  }
  const { missing, different } = compare(tags, toRecord(experiment.tags));
  if (!isDryRun) await setTags(job, experiment.experiment_id, missing);
  if (different.length > 0) {
    report.note({
      what: `experiment '${name}'`,
      why: `here these tags have other values, which stay: ${different.join(
        ', ',
      )}`,
    });
  }
  report.add('experiments', 'there');
  return { ...pair, here: experiment.experiment_id };
}

async function create(
  { portal }: Import,
  name: string,
  tags: Record<string, string>,
): Promise<string> {
  const { experiment_id } = await portal.post<{ experiment_id: string }>(
    '/experiments/create',
    { name, tags: toPairs(tags) },
    // What was made though the answer was lost is found the next time.
    { canRepeat: false },
  );
  return experiment_id;
}

async function setTags(
  { portal }: Import,
  experiment_id: string,
  tags: Record<string, string>,
): Promise<void> {
  for (const tag of toPairs(tags)) {
    await portal.post('/experiments/set-experiment-tag', {
      experiment_id,
      ...tag,
    });
  }
}
