import { render } from 'preact';
import { App } from './components/app.tsx';
import { followConnection, warnOfUnsavedChanges } from './state/browser-events.ts';
import { resume } from './state/session.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('the page has no element for the app');
render(<App />, root);
warnOfUnsavedChanges();
followConnection();
void resume();
