import type { DataPlaneStatus } from '@greenroom/plugin-ai-inference-common';
import { MeaningTags, type MeaningTag } from './MeaningTags';

type LoadedVersion = DataPlaneStatus['models'][number];

const PLACEMENTS = {
  inline: {
    name: 'serving thread',
    meaning:
      'It runs on the thread that answers requests, where an answer costs least: it is small and quick, or its manifest says so.',
  },
  worker: {
    name: 'worker thread',
    meaning:
      'It runs in a thread for models, where it holds up nobody else: it is large or takes long, or its manifest says so.',
  },
};

const MEMORY = {
  in: {
    name: 'in memory',
    meaning:
      'It is deployed on demand and in memory now. It leaves when others need the room and nobody has asked for it for longest.',
  },
  out: {
    name: 'not in memory',
    meaning:
      'It is deployed on demand and not in memory now. It is opened when somebody asks for it, who waits for that.',
  },
};

/** Where a version runs, and whether it is in memory, as far as its data plane says so. */
export function VersionTags({
  version: { placement, inMemory },
}: {
  version: Pick<LoadedVersion, 'placement' | 'inMemory'>;
}) {
  const tags: MeaningTag[] = [];
  if (placement !== undefined) tags.push(PLACEMENTS[placement]);
  if (inMemory !== undefined) tags.push(inMemory ? MEMORY.in : MEMORY.out);
  return <MeaningTags tags={tags} />;
}
