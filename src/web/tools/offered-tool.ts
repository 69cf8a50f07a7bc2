// A tool that a conversation may switch on: what the page is told of it, and what runs.

import type { AgentTool } from '../../agent/tool.js';
import type { ToolInfo } from '../wire.js';

export interface OfferedTool {
  info: ToolInfo;
  tool: AgentTool;
}
