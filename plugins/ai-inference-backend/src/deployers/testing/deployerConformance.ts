import type { DeployedState, Deployer } from '../Deployer';

const LOOK_AGAIN_MILLIS = 20;
const PATIENCE_MILLIS = 20_000;
/** An answer is soon when nobody waits for a process, a pod or a pull of an image. */
const SOON_MILLIS = 1_000;

/** One deployer under test. */
export interface DeployerUnderTest {
  deployer: Deployer;
  /** An environment that it knows. */
  environment: string;
  /** Whether something answers at an address. */
  answers(publicUrl: string): Promise<boolean>;
}

/** Reconciles again and again, as the keeper does, until the state is one of those named. */
export async function reconcileUntil(
  deployer: Deployer,
  request: { environment: string; wanted: boolean },
  ...states: DeployedState['state'][]
): Promise<DeployedState> {
  const endMillis = performance.now() + PATIENCE_MILLIS;
  for (;;) {
    const deployed = await deployer.reconcile(request);
    if (states.includes(deployed.state)) return deployed;
    if (performance.now() > endMillis) {
      throw new Error(`it is still ${JSON.stringify(deployed)}`);
    }
    await new Promise(resolve => setTimeout(resolve, LOOK_AGAIN_MILLIS));
  }
}

/** What each adapter of {@link Deployer} must do. */
export function deployerConformance(
  create: () => Promise<DeployerUnderTest>,
): void {
  let underTest: DeployerUnderTest;
  let deployer: Deployer;
  const request = (wanted: boolean) => ({
    environment: underTest.environment,
    wanted,
  });

  beforeEach(async () => {
    underTest = await create();
    deployer = underTest.deployer;
  });
  afterEach(() => deployer.stop());

  it('answers soon, whatever still has to happen', async () => {
    for (const wanted of [true, true, false, false, true, false]) {
      const startMillis = performance.now();
      await deployer.reconcile(request(wanted));
      expect(performance.now() - startMillis).toBeLessThan(SOON_MILLIS);
    }
  });

  /** The state in which it ends up. */
  const settle = (wanted: boolean) =>
    reconcileUntil(
      deployer,
      request(wanted),
      wanted ? 'running' : 'stopped',
      'unmanaged',
    );

  it('runs nothing that is not wanted', async () => {
    const { state } = await settle(false);
    expect(state).toBe(deployer.isManaging ? 'stopped' : 'unmanaged');
  });

  const answersAt = async (deployed: DeployedState) =>
    deployed.state === 'running' && underTest.answers(deployed.publicUrl);

  it('runs what is wanted once, until it is not wanted any more, and again', async () => {
    for (let round = 0; round < 2; round++) {
      const deployed = await settle(true);
      expect(await deployer.reconcile(request(true))).toEqual(deployed);
      expect(await answersAt(deployed)).toBe(deployer.isManaging);
      await settle(false);
      expect(await answersAt(deployed)).toBe(false);
    }
  });

  it('ends what is not wanted any more while it starts', async () => {
    await deployer.reconcile(request(true));
    const ended = await settle(false);
    expect(await deployer.reconcile(request(false))).toEqual(ended);
  });

  it('starts what is wanted again while it stops', async () => {
    await settle(true);
    await deployer.reconcile(request(false));
    expect(await answersAt(await settle(true))).toBe(deployer.isManaging);
  });

  it('leaves nothing behind that ends with it, and starts nothing more', async () => {
    const deployed = await settle(true);
    await deployer.stop();
    const { state } = await deployer.reconcile(request(true));
    const goesOn = deployer.isManaging && deployer.outlivesControlPlane;
    expect(await answersAt(deployed)).toBe(goesOn);
    const ended = deployer.isManaging ? 'stopped' : 'unmanaged';
    expect(state).toBe(goesOn ? 'running' : ended);
    await deployer.stop();
  });
}
