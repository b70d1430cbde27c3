using Recs.Domain;
using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;
using Recs.Embedder.Model;

namespace Recs.Embedder.Inspection;

/// <summary>
/// Runs token ids through a checkpoint and writes every hidden state and router choice, to compare with another implementation.
/// Needs no tokenizer. One thread at a time.
/// </summary>
public sealed class HiddenStateRecorder : IDisposable
{
    private readonly CheckpointFolder _checkpoint;
    private readonly CpuCompute _compute;
    private readonly Llama4Model _model;
    private readonly Activations _activations;

    private HiddenStateRecorder(CheckpointFolder checkpoint, CpuCompute compute, Llama4Model model)
    {
        (_checkpoint, _compute, _model) = (checkpoint, compute, model);
        _activations = new Activations(compute, model.Config);
    }

    /// <summary>Valid ids are 0 .. VocabularySize − 1.</summary>
    public int VocabularySize => _model.Config.VocabularySize;

    /// <param name="folder">A Hugging Face checkpoint folder: config.json and safetensors.</param>
    /// <param name="threads">Threads of the matrix products, at least 1; 0 means one a core. They do not change a bit of the result.</param>
    /// <exception cref="RefusedException">The folder holds no readable Llama 4 text checkpoint.</exception>
    public static HiddenStateRecorder Open(string folder, int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        if (!Directory.Exists(folder)) throw new RefusedException($"{folder}: no such model folder");
        var config = Llama4ConfigFile.Read(folder);
        var checkpoint = CheckpointFolder.Open(folder);
        try
        {
            var compute = new CpuCompute(threads == 0 ? Environment.ProcessorCount : threads);
            return new HiddenStateRecorder(checkpoint, compute, new Llama4Loader(config, checkpoint, compute).Load());
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes a safetensors file: for sequence k <c>s{k}.hidden_states.{i}</c> float32 [tokens, hidden] (0 = embeddings, the last after
    /// the final norm) and <c>s{k}.router.{layer}</c> int32 [tokens] for layers with experts.
    /// </summary>
    /// <param name="sequences">Token ids, see <see cref="TokenIdFile"/>.</param>
    /// <param name="output">Written front to back, not closed.</param>
    /// <param name="cancel">Asked before each layer.</param>
    public void Record(IReadOnlyList<int[]> sequences, Stream output, CancellationToken cancel = default)
    {
        var writer = new SafetensorsWriter(output, sequences.SelectMany((ids, k) => Declare(k, ids.Length)));
        for (var k = 0; k < sequences.Count; k++)
        {
            var batch = PackedBatch.Of([sequences[k]]);
            _model.Forward(_compute, batch, _activations, _model.LastHiddenState, new Recording(this, writer, k), cancel);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _checkpoint.Dispose();

    /// <summary>In the order in which the forward pass makes them.</summary>
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
