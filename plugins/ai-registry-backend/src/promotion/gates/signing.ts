import { InputError } from '@backstage/errors';
import type {
  Environments,
  GateEvidence,
  VersionSigning,
} from '@greenroom/plugin-ai-registry-common';
import type { SigningKey } from '../../versions/signing/readSigningKeys';
import type { StepContext } from '../steps/PromotionStep';
import type { GateConfig } from './GateConfig';
import type { Gates } from './Gates';
import type { GateFinding, PromotionGate } from './PromotionGate';

const MOST_KEYS = 100;

interface SigningSettings {
  /** What becomes of versions that nobody signed. */
  unsigned: 'pass' | 'refuse';
  /** Names of the keys that count; all that are configured when there are none. */
  keys: string[];
}

/** What is served was made by whom it says, where versions are signed. */
export const signing: PromotionGate = {
  id: 'signing',
  title: 'Signed by a trusted key',
  step: { name: 'check-signing', title: 'Verify the signature of the files' },
  when: 'once',
  defaultMode: 'required',
  // The way back is no way around it.
  ofRollback: 'as-set',
  isOnDemand: true,
  configure(config) {
    const settings = readSettings(config);
    return { check: context => check(context, settings) };
  },
};

/**
 * A misspelt key would have every signature refused.
 *
 * @throws InputError that names the setting
 */
export function checkSigningSettings(
  gates: Gates,
  environments: Environments,
  keys: readonly Pick<SigningKey, 'name'>[],
): void {
  for (const environment of environments.names) {
    const settings = readSettings(gates.configOf('signing', environment));
    const unknown = settings.keys.find(
      name => !keys.some(key => key.name === name),
    );
    if (unknown !== undefined) {
      throw new InputError(
        `The gate signing of ${environment} names the key '${unknown}', which is not in aiRegistry.signing.keys: ${
          keys.length === 0
            ? 'there are none'
            : `expected ${keys.map(({ name }) => name).join(', ')}`
        }`,
      );
    }
  }
}

function readSettings(config: GateConfig): SigningSettings {
  return {
    unsigned: config.oneOf('unsigned', {
      default: 'pass',
      values: ['pass', 'refuse'],
    }),
    keys: config.strings('keys', { default: [], atMost: MOST_KEYS }),
  };
}

async function check(
  context: StepContext,
  settings: SigningSettings,
): Promise<GateFinding> {
  const { version } = context.promotion;
  const found = await context.signing();
  if (!found) {
    return settings.unsigned === 'pass'
      ? {
          status: 'not-asked',
          because: 'Not asked: the version is not signed.',
        }
      : {
          status: 'failed',
          summary: `Version ${version} is not signed: sign its files with model_signing, and give it the signature.`,
        };
  }
  const evidence = evidenceOf(found);
  const { verification } = found;
  switch (verification.state) {
    case 'verified':
      return settings.keys.length === 0 ||
        settings.keys.includes(verification.key)
        ? {
            status: 'passed',
            summary: `Its files are those that the key ${verification.key} has signed.`,
            evidence,
          }
        : {
            status: 'failed',
            summary: `The key ${
              verification.key
            } has signed it, which does not count here: have it signed by ${settings.keys.join(
              ' or ',
            )}.`,
            evidence,
          };
    case 'no-keys':
      return {
        status: 'undecided',
        summary:
          'It is signed, but no public key is configured to verify that: put it into aiRegistry.signing.keys and check again, or look at the signature yourself.',
        evidence,
      };
    case 'unknown-signer':
      return {
        status: 'failed',
        summary: `Nobody who is trusted has signed it: ${verification.reason}. Have it signed by a key that is, or add the key there.`,
        evidence,
      };
    default:
      return {
        status: 'failed',
        summary: `Its signature is not good: ${verification.reason}. Sign it again.`,
        evidence,
      };
  }
}

function evidenceOf({
  verification,
  keyId,
  signedDigest,
  addedBy,
  addedAt,
}: VersionSigning): GateEvidence {
  return {
    kind: 'facts',
    facts: [
      ...(verification.state === 'verified'
        ? [{ label: 'Signed by the key', value: verification.key }]
        : []),
      ...(keyId === undefined
        ? []
        : [{ label: 'Id of the key', value: keyId }]),
      { label: 'Digest of the signed files', value: signedDigest },
      { label: 'Given by', value: `${addedBy}, ${addedAt}` },
    ],
  };
}
