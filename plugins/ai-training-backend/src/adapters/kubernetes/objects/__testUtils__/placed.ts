import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import type { WantedAttempt } from '../../../../backends/TrainingBackend';
import type { TrainingPlace } from '../../settings';
import type { PlacedAttempt } from '../PlacedAttempt';

export const JOB = '0b6a6a0e-2c11-4d0e-9d2d-1f6c6f6c6f6c';
export const IMAGE = `example/train@sha256:${'a'.repeat(64)}`;

/** A second attempt, of one node where nothing else is said. */
export const placed = (
  wanted: Partial<WantedAttempt> = {},
  place: Partial<TrainingPlace> = {},
  flavor?: Flavor,
): PlacedAttempt => ({
  installation: 'portal-1',
  flavor,
  place: {
    name: 'prod',
    namespace: 'training',
    controlPlaneUrl: 'https://portal.example.com',
    fetchImage: 'example/data-plane:1',
    allowTags: false,
    cpu: '1',
    memory: '2Gi',
    userId: 1_000,
    graceSeconds: 60,
    imageSeconds: 300,
    ...place,
  },
  wanted: {
    job: JOB,
    number: 2,
    program: { image: IMAGE, command: ['python', 'train.py'] },
    sourceDigest: 'sha256:1',
    parameters: {},
    datasets: [],
    resources: { count: 1, nodes: 1 },
    deadlineSeconds: 3_600,
    priority: 'normal',
    checkpoints: false,
    environment: {},
    run: 'run-1',
    team: 'group:default/team-a',
    template: 'digits',
    ...wanted,
  },
});
