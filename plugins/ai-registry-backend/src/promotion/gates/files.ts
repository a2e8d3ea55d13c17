import { isError } from '@backstage/errors';
import {
  findPickles,
  HEAD_BYTES,
  type FileHead,
} from '../../versions/findPickles';
import type { StepContext } from '../steps/PromotionStep';
import type { GateFinding, PromotionGate } from './PromotionGate';

const MOST_NAMED = 5;

/** Files that run code of whoever made them are for those who load them by hand. */
export const files: PromotionGate = {
  id: 'files',
  title: 'No file runs code',
  step: { name: 'check-files', title: 'Look for pickles' },
  when: 'once',
  defaultMode: 'required',
  ofRollback: 'off',
  isOnDemand: true,
  configure: () => ({ check }),
};

async function check(context: StepContext): Promise<GateFinding> {
  const listed = await context.files();
  if (listed.length === 0) {
    return {
      status: 'not-asked',
      because:
        'Not asked: the version is a single file of a format that runs no code.',
    };
  }
  const heads: FileHead[] = [];
  for (const { path, digest } of listed) {
    context.signal.throwIfAborted();
    heads.push({ path, head: await readHead(context, digest) });
  }
  const pickles = findPickles(heads);
  if (pickles.length === 0) {
    return {
      status: 'passed',
      summary: `None of its ${listed.length} files is a pickle, which would run code when it is loaded.`,
    };
  }
  const names = pickles.slice(0, MOST_NAMED).join(', ');
  const more = pickles.length - MOST_NAMED;
  return {
    status: 'failed',
    summary: `${names}${
      more > 0 ? ` and ${more} more` : ''
    } would run code of whoever made them when they are loaded: register the version without them, or with safetensors or ONNX instead.`,
    evidence: {
      kind: 'facts',
      facts: pickles.map(path => ({ label: 'Pickle', value: path })),
    },
  };
}

/** Of a file that the store has lost, only the name tells: that it is lost is for another gate to say. */
async function readHead(
  context: StepContext,
  digest: Parameters<StepContext['openArtifact']>[0],
): Promise<Uint8Array> {
  const stream = await context.openArtifact(digest).catch(error => {
    if (isError(error) && error.name === 'NotFoundError') return undefined;
    throw error;
  });
  if (!stream) return new Uint8Array();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Leaving the loop ends the stream.
    if (bytes >= HEAD_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, HEAD_BYTES);
}
