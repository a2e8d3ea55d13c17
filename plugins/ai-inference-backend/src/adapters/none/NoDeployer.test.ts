import { deployerConformance } from '../../deployers/testing/deployerConformance';
import { NoDeployer } from './NoDeployer';

describe('NoDeployer', () => {
  deployerConformance(async () => ({
    deployer: new NoDeployer(),
    environment: 'production',
    answers: async () => false,
  }));
});
