import type { DeployedState, Deployer } from '../../deployers/Deployer';

/** Whoever runs the portal starts the data planes. */
export class NoDeployer implements Deployer {
  readonly isManaging = false;
  readonly outlivesControlPlane = false;

  onChanged(): void {}

  async reconcile(): Promise<DeployedState> {
    return { state: 'unmanaged' };
  }

  async stop(): Promise<void> {}
}
