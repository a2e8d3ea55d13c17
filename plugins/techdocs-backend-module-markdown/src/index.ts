/**
 * TechDocs from Markdown without Python: an `mkdocs.yml` site rendered in the backend.
 *
 * @packageDocumentation
 */
export { techdocsModuleMarkdown as default } from './module';
