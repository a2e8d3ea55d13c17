import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import { MeaningTags, type MeaningTag } from './MeaningTags';

/** What its manifest says of memory, where that is not what it is by itself. */
export function SettingTags({
  deployment: { loading, responseCache },
}: {
  deployment: Pick<Deployment, 'loading' | 'responseCache'>;
}) {
  const tags: MeaningTag[] = [];
  if (loading?.mode === 'on-demand') {
    tags.push({
      name: 'on demand',
      meaning:
        'Its versions leave memory while nobody asks for them and others need the room. Who asks next waits until one is opened.',
    });
  }
  if (responseCache) {
    tags.push({
      name: `keeps answers, up to ${responseCache.maxMiB} MiB`,
      meaning:
        'A request that is the same to the last bit as an earlier one gets the same answer, without being computed again. The memory is for each version on each data plane.',
    });
  }
  if (tags.length === 0) return null;
  return (
    <span>
      <MeaningTags tags={tags} />
    </span>
  );
}
