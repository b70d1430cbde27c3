using Recs.Domain;
using Recs.Embedder.Batching;
using Recs.Embedder.Compute;
using Recs.Embedder.Compute.Cuda;
using Recs.Embedder.Model;
using Recs.Embedder.Recipe;
using Recs.Embedder.Threading;

namespace Recs.Embedder;

/// <summary>
/// Token ids → vector with a Llama 4 text model: <see cref="Llama4Embedder"/> without a tokenizer. The vector of a sequence is the same to the
/// bit whatever else is embedded with it, on however many threads, and wherever the weights are. Thread-safe.
/// </summary>
public sealed class TokenEmbedder : IDisposable
{
    private readonly OpenModel _open;
    private readonly IEmbeddingRunner _runner;
    private readonly int _batchTokens;

    internal TokenEmbedder(OpenModel open, EmbeddingRecipe recipe, PooledRange range)
    {
        (_open, _batchTokens) = (open, open.Backend.BatchTokens(open.Model.Config));
        var readout = new Readout(open.Model, recipe, range);
        Dimensions = readout.Dimensions;
        _runner = (open.Plan.IsResident, open.Backend) switch
        {
            (true, CudaBackend cuda) => new CudaRunner(open.Model, readout, cuda),
            (true, _) => new ResidentRunner(open.Model, readout, new WorkerTeam(open.Lanes), open.Backend.NewCompute),
            _ => new StreamingRunner(open.Model, readout, new WorkerTeam(open.Lanes), open.Backend.NewCompute, open.Plan.TokensInFlight),
        };
    }

    /// <summary>Numbers a vector.</summary>
    public int Dimensions { get; }

    /// <summary>Whether the weights pass through memory part by part, see <see cref="Residency.Stream"/>.</summary>
    public bool IsStreaming => !_open.Plan.IsResident;

    /// <summary>Threads of this machine that compute, or on a GPU's behalf read texts.</summary>
    public int Threads => _open.Threads;

    /// <summary>Valid ids are 0 .. VocabularySize − 1.</summary>
    public int VocabularySize => _open.Model.Config.VocabularySize;

    /// <summary>Reads a model folder: config.json, safetensors, and the sentence-transformers layout where it has it. All tokens are pooled.</summary>
    /// <param name="folder">A Hugging Face checkpoint folder.</param>
    /// <param name="options">What may vary (template and token limit do not count); null means all defaults.</param>
    /// <exception cref="RefusedException">A file is missing, damaged or of another model, or an option is out of range.</exception>
    public static TokenEmbedder Load(string folder, EmbedderOptions? options = null)
    {
        options ??= new EmbedderOptions();
        EmbeddingRecipe? recipe = null;
        var open = OpenModel.Open(folder, options, beforeLoading: (config, _) => recipe = EmbeddingRecipe.Of(options, SentenceTransformersFolder.Read(folder), config));
        return new TokenEmbedder(open, recipe!, new PooledRange(0, 0));
    }

    /// <summary>One embedding a sequence, in order.</summary>
    /// <param name="sequences">Token ids. An empty sequence gets a vector of zeros.</param>
    /// <param name="progress">Told the number of sequences done, from any thread; where weights pass through, sequences in flight count by the layers done.</param>
    /// <param name="cancel">Stops between parts of a layer.</param>
    /// <exception cref="RefusedException">An id is not in the vocabulary.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was asked.</exception>
    public TextEmbedding[] Embed(IReadOnlyList<int[]> sequences, IProgress<int>? progress = null, CancellationToken cancel = default)
    {
        foreach (var ids in sequences)
            foreach (var id in ids)
                if ((uint)id >= (uint)VocabularySize) throw new RefusedException($"token id {id} is out of range: the model has ids 0 to {VocabularySize - 1}");
        var embeddings = new TextEmbedding[sequences.Count];
        var (first, tokens) = (0, 0L);
        for (var next = 0; next < sequences.Count; next++)
        {
            if (tokens > 0 && tokens + sequences[next].Length > _runner.TokensAtATime)
            {
                RunFlight(sequences, first, next, embeddings, progress, cancel);
                (first, tokens) = (next, 0);
            }
            tokens += sequences[next].Length;
        }
        RunFlight(sequences, first, sequences.Count, embeddings, progress, cancel);
        return embeddings;
    }

    /// <summary>Frees the weights and closes the checkpoint. No call may be running or follow.</summary>
    public void Dispose()
    {
        _runner.Dispose();
        _open.Dispose();
    }

    /// <summary>Sequences [<paramref name="first"/>, <paramref name="end"/>), which the runner takes at a time.</summary>
    private void RunFlight(IReadOnlyList<int[]> sequences, int first, int end, TextEmbedding[] embeddings, IProgress<int>? progress, CancellationToken cancel)
    {
        var flight = new int[end - first][];
        var done = first;
        for (var i = 0; i < flight.Length; i++)
        {
            flight[i] = sequences[first + i];
            if (flight[i].Length > 0) continue;
            embeddings[first + i] = new TextEmbedding(new float[Dimensions], RouterSignature.None);
            done++;
        }
        if (done > first) progress?.Report(done);
        var plan = EmbeddingBatches.Plan(flight, _batchTokens, _runner.BatchesAtOnce);
        var batches = plan.ConvertAll(batch => Array.ConvertAll(batch, i => flight[i]));
        var (before, due) = (done, end - done);
        _runner.Run(batches, Done, progress is null ? null : share => progress.Report(before + (int)(due * share)), cancel);

        void Done(int batch, TextEmbedding[] made)
        {
            for (var b = 0; b < made.Length; b++) embeddings[first + plan[batch][b]] = made[b];
            var total = Interlocked.Add(ref done, made.Length);
            progress?.Report(total);
        }
    }
}
