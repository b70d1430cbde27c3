using Recs.Domain;
using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;
using Recs.Embedder.Model;
using Recs.Embedder.Threading;

namespace Recs.Embedder.Inspection;

/// <summary>
/// Runs token ids through a checkpoint and writes every hidden state and router choice, to compare with another implementation.
/// Needs no tokenizer. One thread at a time.
/// </summary>
public sealed class HiddenStateRecorder : IDisposable
{
    private readonly OpenModel _open;
    private readonly Llama4Model _model;
    private readonly WorkerTeam _team;
    private readonly ICompute _compute;
    private readonly ForwardPass _pass;

    private HiddenStateRecorder(OpenModel open)
    {
        (_open, _model, _team) = (open, open.Model, new WorkerTeam(open.Threads));
        _compute = open.Backend.NewCompute(_team);
        _pass = new ForwardPass(_model, [new Lane(_compute, _model.Config)], _team);
    }

    /// <summary>Valid ids are 0 .. VocabularySize − 1.</summary>
    public int VocabularySize => _model.Config.VocabularySize;

    /// <summary>Reads a checkpoint folder: config.json and safetensors.</summary>
    /// <param name="folder">A Hugging Face checkpoint folder.</param>
    /// <param name="options">Backend, threads, precision, residency and memory count; null means all defaults. Only precision and, in the last bits, backend change the result.</param>
    /// <exception cref="RefusedException">The folder holds no readable Llama 4 text checkpoint.</exception>
    public static HiddenStateRecorder Open(string folder, EmbedderOptions? options = null)
    {
        options ??= new EmbedderOptions();
        return new HiddenStateRecorder(OpenModel.Open(folder, options, lanes: 1));
    }

    /// <summary>
    /// Writes a safetensors file: for sequence k <c>s{k}.hidden_states.{i}</c> float32 [tokens, hidden] (0 = embeddings, the last after
    /// the final norm) and <c>s{k}.router.{layer}</c> int32 [tokens] for layers with experts.
    /// </summary>
    /// <param name="sequences">Token ids, see <see cref="TokenIdFile"/>.</param>
    /// <param name="output">Seekable; not closed.</param>
    /// <param name="cancel">Asked before each part of a layer.</param>
    public void Record(IReadOnlyList<int[]> sequences, Stream output, CancellationToken cancel = default)
    {
        var writer = new SafetensorsWriter(output, sequences.SelectMany((ids, k) => Declare(k, ids.Length)));
        for (var first = 0; first < sequences.Count;)
        {
            // As many sequences as fit go through the layers together, so that streamed weights are read once for all of them.
            List<TokenState> flight = [];
            for (var tokens = 0; first + flight.Count < sequences.Count;)
            {
                var k = first + flight.Count;
                tokens += sequences[k].Length;
                if (flight.Count > 0 && tokens > _open.Plan.TokensInFlight) break;
                var state = new TokenState(_compute, _model.Config) { Observer = new Recording(this, writer, k) };
                state.Batch.Set([sequences[k]]);
                flight.Add(state);
            }
            _pass.Run(flight, _model.LastHiddenState, cancel: cancel);
            first += flight.Count;
        }
        writer.Finish();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _team.Dispose();
        _open.Dispose();
    }

    private IEnumerable<(string, string, long[])> Declare(int k, long tokens)
    {
        for (var i = 0; i <= _model.LastHiddenState; i++)
        {
            if (i > 0 && _model.Config.Layers[i - 1].HasExperts) yield return (RouterName(k, i - 1), "I32", [tokens]);
            yield return (StateName(k, i), "F32", [tokens, _model.Config.HiddenSize]);
        }
    }

    private static string StateName(int k, int index) => $"s{k}.hidden_states.{index}";

    private static string RouterName(int k, int layer) => $"s{k}.router.{layer}";

    private sealed class Recording(HiddenStateRecorder owner, SafetensorsWriter writer, int k) : IForwardObserver
    {
        public void OnHiddenState(int index, Tensor x_td)
        {
            var state = new float[x_td.Rows * x_td.Columns];
            owner._compute.Download(x_td, state);
            writer.Write<float>(StateName(k, index), state);
        }

        public void OnRouting(int layer, Routing routing) => writer.Write<int>(RouterName(k, layer), routing.Experts);
    }
}
