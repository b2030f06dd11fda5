import { describeTokenStore } from '../../lib/testing/index.js';
import { MapTokenStore } from '../support/map-token-store.js';

describeTokenStore(() => new MapTokenStore());
