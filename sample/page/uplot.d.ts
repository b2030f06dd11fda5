// The app serves uPlot beside the page.
declare module '*/uPlot.esm.js' {
  import uPlot from 'uplot';
  export default uPlot;
}
