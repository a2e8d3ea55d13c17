import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Header, ToggleButton, ToggleButtonGroup } from '@backstage/ui';
import { useNavigate } from 'react-router-dom';
import { GitHostNotice } from './GitHostNotice';
import { pipelineRouteRef, promotionsRouteRef } from '../routes';

const VIEWS = [
  { id: 'pipeline', label: 'Pipeline' },
  { id: 'open', label: 'Open' },
  { id: 'all', label: 'All' },
] as const;

export type PromotionsView = (typeof VIEWS)[number]['id'];

export interface PromotionsHeaderProps {
  view: PromotionsView;
  description: string;
}

/** Head of the pages of promotions. Which one it is stands in the address. */
export function PromotionsHeader(props: PromotionsHeaderProps) {
  const { view, description } = props;
  const navigate = useNavigate();
  const promotionsLink = useRouteRef(promotionsRouteRef);
  const pipelineLink = useRouteRef(pipelineRouteRef);

  const show = (chosen: PromotionsView) => {
    if (chosen === view) return;
    const list = promotionsLink?.() ?? '';
    const addresses = {
      pipeline: pipelineLink?.() ?? '',
      open: list,
      all: `${list}?show=all`,
    };
    navigate(addresses[chosen], { replace: true });
  };

  return (
    <>
      <Header
        title="Promotions"
        description={description}
        customActions={
          <ToggleButtonGroup
            aria-label="Which promotions"
            selectionMode="single"
            disallowEmptySelection
            selectedKeys={[view]}
            onSelectionChange={keys => {
              const chosen = VIEWS.find(({ id }) => keys.has(id));
              if (chosen) show(chosen.id);
            }}
          >
            {VIEWS.map(({ id, label }) => (
              <ToggleButton key={id} id={id}>
                {label}
              </ToggleButton>
            ))}
          </ToggleButtonGroup>
        }
      />
      <GitHostNotice />
    </>
  );
}
