import { useApi } from '@backstage/frontend-plugin-api';
import { useLive } from '@greenroom/ai-react';
import type { PromotionDetail } from '@greenroom/plugin-ai-registry-common';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { DescriptorChangePanel } from '../versions/DescriptorChangePanel';
import { ExternalPanel } from '../versions/ExternalPanel';

/** Versions never change. */
const POLL_MILLIS = 3_600_000;

/** What a reviewer has to read of a version at a provider: its digest in the manifest says nothing to people. */
export function PromptChange(props: {
  promotion: Pick<PromotionDetail, 'model' | 'version' | 'fromVersion'>;
}) {
  const { model, version, fromVersion } = props.promotion;
  const registry = useApi(aiRegistryApiRef);
  const versions = useLive(
    async signal => {
      const [candidate, base] = await Promise.all([
        registry.getVersion(model, version, { signal }),
        fromVersion === undefined
          ? undefined
          : registry.getVersion(model, fromVersion, { signal }),
      ]);
      return { candidate, base };
    },
    [model, version, fromVersion],
    { pollMillis: POLL_MILLIS },
  );
  // Beside all else that the page shows, it is no reason to say that something failed.
  if (!versions.value) return null;
  const { candidate, base } = versions.value;
  if (base && base.version !== candidate.version) {
    return <DescriptorChangePanel base={base} candidate={candidate} />;
  }
  return candidate.external ? (
    <ExternalPanel external={candidate.external} />
  ) : null;
}
