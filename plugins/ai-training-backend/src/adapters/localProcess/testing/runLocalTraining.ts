import { FolderArtifactStore } from '@greenroom/artifact-store';
import { LocalTrainingBackend } from '../LocalTrainingBackend';

const LOOK_MILLIS = 200;

/** Run by a test as a process of its own, which it kills: `<folder of artifacts> <folder of training> <what is wanted>`. */
async function main([stored, directory, wanted]: string[]): Promise<void> {
  const backend = new LocalTrainingBackend({
    directory,
    artifacts: await FolderArtifactStore.create({
      directory: stored,
      maxBytes: 1024 ** 3,
    }),
    slots: 1,
    python: 'python3',
    awaySeconds: 60,
    surroundings: process.env,
    logger: { info: () => {}, warn: () => {} },
  });
  await backend.start(JSON.parse(wanted), 'grt_of-a-test-that-kills-us');
  setInterval(async () => {
    process.stdout.write(`${JSON.stringify(await backend.observe())}\n`);
  }, LOOK_MILLIS);
}

main(process.argv.slice(2));
