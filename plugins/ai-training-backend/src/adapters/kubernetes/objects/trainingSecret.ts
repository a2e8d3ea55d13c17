import type { NamedObject } from '@greenroom/cluster-client';
import type { V1Secret } from '@kubernetes/client-node';
import { CA_KEY, ORDER_KEY, TOKEN_KEY } from './folders';
import { type Owner, ownedMetadata } from './labels';
import type { PlacedAttempt } from './PlacedAttempt';

/** What the pods are given, and their token; it goes when its Job goes. */
export function trainingSecret(
  placed: PlacedAttempt,
  content: { owner: Owner; order: Buffer; token: string },
): V1Secret & NamedObject {
  const { controlPlaneCa } = placed.place;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: ownedMetadata(placed, content.owner),
    type: 'Opaque',
    data: {
      [ORDER_KEY]: content.order.toString('base64'),
      [TOKEN_KEY]: base64(content.token),
      ...(controlPlaneCa !== undefined && { [CA_KEY]: base64(controlPlaneCa) }),
    },
  };
}

/** What puts code and data there is told what to fetch. */
export function orderOf({ wanted, place }: PlacedAttempt): object {
  const { job, resumeOf } = wanted;
  return {
    source: {
      path: `/api/ai-training/jobs/${job}/source`,
      digest: wanted.sourceDigest,
    },
    datasets: wanted.datasets.map(({ name, files }) => ({
      name,
      files: files.map(({ path, digest, sizeBytes }) => ({
        path,
        digest,
        sizeBytes,
      })),
    })),
    ...(place.checkpointsClaim !== undefined && {
      checkpoints: {
        own: job,
        ...(resumeOf !== undefined && { from: resumeOf }),
      },
    }),
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
