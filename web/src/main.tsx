import { render } from 'preact';
import './ui/tokens.css';
import './ui/base.css';
import './ui/controls.css';
import './shell/shell.css';
import { App } from './shell/app.js';
import { registerOffline } from './shell/offline.js';

render(<App />, document.getElementById('app')!);
registerOffline();
