import {
  BreadcrumbEntry,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { Container, Flex, Header } from '@backstage/ui';
import { Loaded, PersonName, RelativeTime, useLive } from '@greenroom/ai-react';
import {
  SIGNAL_CHANNEL,
  type ModelVersionDetail,
} from '@greenroom/plugin-ai-registry-common';
import { convertibleFlavorOf } from '@greenroom/plugin-ai-training-common';
import { useParams } from 'react-router-dom';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { CompareButtons } from '../compare/CompareButtons';
import { ConvertedPanel } from '../conversions/ConvertedPanel';
import { ConvertPanel } from '../conversions/ConvertPanel';
import { DeprecateButton } from '../deprecation/DeprecateButton';
import { DeprecationNotice } from '../deprecation/DeprecationNotice';
import { EvaluationRunsPanel } from '../evaluationRuns/EvaluationRunsPanel';
import { MeasurementsPanel } from '../measurements/MeasurementsPanel';
import { PromoteButton } from '../promotions/PromoteButton';
import { modelRouteRef } from '../routes';
import { AliasTags } from '../view/AliasTags';
import { ArtifactPanel } from './ArtifactPanel';
import { CardPanel } from './card/CardPanel';
import { FilesPanel } from './FilesPanel';
import { BaselinePanel } from './BaselinePanel';
import { ExternalPanel } from './ExternalPanel';
import { EvaluationPanel } from './EvaluationPanel';
import { MlflowPanel } from './MlflowPanel';
import { ProvenancePanel } from './ProvenancePanel';
import { SchemaPanel } from './SchemaPanel';
import { ServabilityPanel } from './ServabilityPanel';
import { SignaturePanel } from './SignaturePanel';
import styles from './VersionPage.module.css';

/** One version: what it takes and gives, how good it is, where it came from. */
export function VersionPage() {
  const { name = '', version: versionText = '' } = useParams();
  const number = Number(versionText);
  const registry = useApi(aiRegistryApiRef);
  const modelLink = useRouteRef(modelRouteRef);
  const live = useLive(
    async signal => {
      const [model, version] = await Promise.all([
        registry.getModel(name, { signal }),
        registry.getVersion(name, number, { signal }),
      ]);
      return { model, version };
    },
    [name, number],
    {
      channel: SIGNAL_CHANNEL,
      matches: message => message.model === name,
      pollMillis: 60_000,
    },
  );
  const model = live.value?.model;
  const version = live.value?.version;

  return (
    <BreadcrumbEntry
      entry={{
        label: model?.title ?? name,
        href: modelLink?.({ name }) ?? '..',
      }}
    >
      <BreadcrumbEntry
        entry={{ label: `Version ${versionText}`, href: versionText }}
      >
        <Header
          title={`${model?.title ?? name}, version ${versionText}`}
          description={version?.description || undefined}
          metadata={version && metadataOf(version)}
          customActions={
            model &&
            version && (
              <Flex gap="2" style={{ flexWrap: 'wrap' }}>
                <DeprecateButton
                  thing={{ model: name, version: number }}
                  deprecation={version.deprecation}
                  onChanged={live.refresh}
                />
                <CompareButtons model={model} version={version.version} />
                <PromoteButton
                  model={model}
                  version={version.version}
                  variant="primary"
                />
              </Flex>
            )
          }
        />
        <Container>
          <Loaded
            live={live}
            what={`version ${versionText} of ${name}`}
            skeleton={[160, 220, 220]}
          >
            {value => (
              <Flex direction="column" gap="4">
                <DeprecationNotice
                  thing={{ model: name }}
                  deprecation={value.model.deprecation}
                />
                <DeprecationNotice
                  thing={{ model: name, version: number }}
                  deprecation={value.version.deprecation}
                />
                <VersionView version={value.version} onTried={live.refresh} />
              </Flex>
            )}
          </Loaded>
        </Container>
      </BreadcrumbEntry>
    </BreadcrumbEntry>
  );
}

function VersionView(props: { version: ModelVersionDetail; onTried(): void }) {
  const { version, onTried } = props;
  return (
    <div className={styles.page}>
      <div className={styles.column}>
        <EvaluationPanel
          evaluation={version.evaluation}
          others={version.otherEvaluations}
        />
        {version.external?.tasks?.includes('chat') && (
          <EvaluationRunsPanel
            model={version.model}
            version={version.version}
          />
        )}
        {convertibleFlavorOf(version) && <ConvertPanel version={version} />}
        {version.conversion && (
          <ConvertedPanel
            version={{ model: version.model, conversion: version.conversion }}
          />
        )}
        <ServabilityPanel version={version} onTried={onTried} />
        {version.signature && (
          <SignaturePanel
            signature={version.signature}
            source={signatureSourceOf(version)}
          />
        )}
        <CardPanel version={version} />
        <FilesPanel version={version} />
        <ArtifactPanel version={version} />
        <ProvenancePanel version={version} />
      </div>
      <div className={styles.column}>
        {version.external && <ExternalPanel external={version.external} />}
        {(version.mlflow || version.pickles) && (
          <MlflowPanel version={version} />
        )}
        {version.signature && (
          <>
            <SchemaPanel schema={version.schema} />
            <BaselinePanel version={version} />
          </>
        )}
        {version.format === 'onnx' && version.schema && (
          <MeasurementsPanel version={version} />
        )}
      </div>
    </div>
  );
}

/** Where it is not the model file. */
function signatureSourceOf({ format }: ModelVersionDetail) {
  switch (format) {
    case 'external':
      return 'the descriptor';
    case 'mlflow':
      return 'MLmodel';
    default:
      return undefined;
  }
}

/** As its card names it, or else its tags. */
function licenceOf({ licence, tags }: ModelVersionDetail) {
  return licence ?? tags.license ?? tags.licence;
}

function metadataOf(version: ModelVersionDetail) {
  return [
    { label: 'Model', value: <code>{version.model}</code> },
    ...(version.aliases.length > 0
      ? [{ label: 'Aliases', value: <AliasTags aliases={version.aliases} /> }]
      : []),
    ...(licenceOf(version)
      ? [{ label: 'Licence', value: licenceOf(version) }]
      : []),
    { label: 'Registered', value: <RelativeTime at={version.createdAt} /> },
    { label: 'By', value: <PersonName entityRef={version.createdBy} /> },
  ];
}
