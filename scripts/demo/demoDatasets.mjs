// @ts-check
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../lib/paths.mjs';

/** The datasets of the demo, each as the registry's `NewDataset` and the file of its first version. */
export const demoDatasets = [
  {
    dataset: {
      name: 'capital-cities',
      title: 'Capital cities',
      description:
        'Thirty questions for language models, each with the one answer that is right.',
      owner: 'group:default/ml-platform',
      tags: { use: 'evaluation', demo: 'true' },
    },
    file: 'scripts/demo/capital-cities.jsonl',
    format: 'jsonl',
  },
  {
    dataset: {
      name: 'digits-held-out',
      title: 'Handwritten digits, held out',
      description:
        'Rows that the training of digits does not see: both versions are evaluated on them. Written by examples/digits/train.py.',
      owner: 'group:default/vision-team',
      tags: { use: 'evaluation', demo: 'true' },
    },
    file: 'examples/digits/data/held-out.csv',
    format: 'csv',
  },
  {
    dataset: {
      name: 'diabetes-held-out',
      title: 'Diabetes progression, held out',
      description:
        'Rows that the training of diabetes does not see: both versions are evaluated on them. Written by examples/diabetes/train.py.',
      owner: 'group:default/health-team',
      tags: { use: 'evaluation', demo: 'true' },
    },
    file: 'examples/diabetes/data/held-out.csv',
    format: 'csv',
  },
];

/**
 * Reads the file of a dataset.
 *
 * @param {string} file - from the top of the repository
 * @returns {{ content: Buffer, digest: string }} with its content address
 */
export function readDataset(file) {
  const content = readFileSync(path.join(root, file));
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  return { content, digest };
}
