import type { ModelTask } from '@greenroom/plugin-ai-registry-common';

/** A task as people read it: `text-generation` is `Text generation`. */
export function taskLabel(task: ModelTask): string {
  if (task === 'feature-extraction') return 'Embeddings (feature extraction)';
  const words = task.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
