import { useEnvironments } from '@greenroom/ai-react';
import { useRouteRef } from '@backstage/frontend-plugin-api';
import { ButtonLink } from '@backstage/ui';
import type { Model } from '@greenroom/plugin-ai-registry-common';
import { RiArrowLeftRightLine } from '@remixicon/react';
import { useServing } from '../promotions/useServing';
import { compareRouteRef } from '../routes';
import { comparableWith } from './comparable';

/** Lead from a version to its comparison with what runs where people depend on it. */
export function CompareButtons(props: { model: Model; version: number }) {
  const { model, version } = props;
  const compareLink = useRouteRef(compareRouteRef);
  const { last } = useEnvironments();
  const serving = useServing(model.name);
  if (!compareLink) return null;
  const others = comparableWith(version, {
    wanted: model.aliases.find(({ alias }) => alias === last.name)?.version,
    serving: serving?.find(({ environment }) => environment === last.name),
  });
  return (
    <>
      {others.map(({ version: other, role }) => {
        const base = Math.min(other, version);
        const candidate = Math.max(other, version);
        return (
          <ButtonLink
            key={other}
            variant="secondary"
            iconStart={<RiArrowLeftRightLine />}
            href={`${compareLink({
              name: model.name,
            })}?base=${base}&candidate=${candidate}`}
          >
            {`Compare with version ${other}${role ? ` (${role})` : ''}`}
          </ButtonLink>
        );
      })}
    </>
  );
}
