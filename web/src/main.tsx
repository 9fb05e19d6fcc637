import './app/styles';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { startI18n } from './app/i18n';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no root element');
await startI18n();
createRoot(root).render(<App />);
