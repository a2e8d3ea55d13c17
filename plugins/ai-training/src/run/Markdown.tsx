export { Markdown } from '@greenroom/ai-react';
