import { LocalDeployer } from '../LocalDeployer';

const WANTED = { environment: 'dev', wanted: true };

/** Run by a test as a process of its own, which it kills: `<program> <directory>`. */
async function main([program, directory]: string[]): Promise<void> {
  const log = () => {};
  const logger = { debug: log, info: log, warn: log, error: log };
  const deployer = new LocalDeployer({
    environments: new Map([['dev', {}]]),
    program,
    directory,
    controlPlaneUrl: async () => 'http://127.0.0.1:9',
    tokens: {
      lend: async () => ({ secret: 'grt_of-a-test-that-kills-us' }),
      renew: async names => names,
      takeBack: async () => {},
    },
    logger: { ...logger, child: () => ({ ...logger, child: Object }) },
    clock: () => new Date(),
  });
  deployer.onChanged(async () => {
    const state = await deployer.reconcile(WANTED);
    process.stdout.write(`${JSON.stringify(state)}\n`);
  });
  await deployer.reconcile(WANTED);
}

main(process.argv.slice(2));
