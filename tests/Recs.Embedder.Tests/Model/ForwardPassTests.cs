using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;
using Recs.Embedder.Model;
using Recs.Embedder.Planning;
using Recs.Embedder.Threading;

namespace Recs.Embedder.Tests.Model;

public sealed class ForwardPassTests
{
    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(1, 2, true)]
    [InlineData(2, 2, true)]
    [InlineData(1, 1, false)]
    [InlineData(2, 2, false)]
    public void Run_ManyMicroBatchesInFlight_SameBitsAsOneByOne(int lanes, int threads, bool isResident)
    {
        using var model = Nano.Open(isResident);
        using var team = new WorkerTeam(threads);
        var pass = model.NewPass(lanes, team);
        var alone = model.NewPass(1, new WorkerTeam(1));
        var random = new Random(3);
        var flight = Enumerable.Range(0, 7).Select(_ => model.NewState(random, sequences: 5)).ToArray();
        pass.Run(flight, 4);
        foreach (var state in flight)
        {
            var single = model.NewState(random, 1);
            single.Batch.Set(Sequences(state.Batch));
            alone.Run([single], 4);
            Assert.Equal(Values(single.Normed), Values(state.Normed));
        }
    }

    [Fact]
    public void Run_Cancelled_StopsBetweenPartsAndMayBeRunAgain()
    {
        using var model = Nano.Open(isResident: false);
        var pass = model.NewPass(1, new WorkerTeam(1));
        var state = model.NewState(new Random(1), 2);
        using var cancel = new CancellationTokenSource();
        var layers = 0;
        Assert.Throws<OperationCanceledException>(() => pass.Run([state], 4, layer => { layers = layer; if (layer == 2) cancel.Cancel(); }, cancel.Token));
        Assert.Equal(2, layers);
        pass.Run([state], 4, layer => layers = layer);
        Assert.Equal(4, layers);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Run_OnceWarm_AllocatesNothing(int threads)
    {
        using var model = Nano.Open(isResident: true);
        using var team = new WorkerTeam(threads);
        var pass = model.NewPass(1, team);
        TokenState[] flight = [model.NewState(new Random(2), 40)];
        // Twice: buffers grow, and code that runs once, such as a type's first use, has run.
        pass.Run(flight, 4);
        pass.Run(flight, 4);
        var before = GC.GetAllocatedBytesForCurrentThread();
        pass.Run(flight, 4);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Run_ExpertsNobodyChose_AreNotRead()
    {
        using var model = Nano.Open(isResident: false);
        var counted = new CountingWeights(model.Layers);
        var pass = model.NewPass(1, new WorkerTeam(1), counted);
        var state = model.NewState(new Random(4), 1, longest: 1);
        pass.Run([state], 4);
        // One token has one expert a layer.
        Assert.Equal(4, counted.Acquired.Count(key => key.Kind == PartKind.Experts));
        Assert.Equal(counted.Acquired, counted.Acquired.Distinct());
        Assert.Equal(counted.Acquired.Count, counted.Released);
    }

    private static int[][] Sequences(PackedBatch batch) =>
        [.. Enumerable.Range(0, batch.Sequences).Select(s => batch.Ids[batch.Starts[s]..batch.Starts[s + 1]].ToArray())];

    private static float[] Values(Tensor tensor) => ((CpuTensor)tensor).Span.ToArray();

    private sealed class CountingWeights(ILayerWeights inner) : ILayerWeights
    {
        public List<PartKey> Acquired { get; } = [];

        public int Released { get; private set; }

        public int ExpertsAPart => inner.ExpertsAPart;

        public WeightPart Acquire(PartKey key)
        {
            Acquired.Add(key);
            return inner.Acquire(key);
        }

        public void Release(WeightPart part)
        {
            Released++;
            inner.Release(part);
        }

        public void Expect(PartKey key) => inner.Expect(key);

        public void Dispose() => inner.Dispose();
    }

    /// <summary>The bundled model, without its tokenizer.</summary>
    private sealed class Nano : IDisposable
    {
        private readonly CheckpointFolder _checkpoint;
        private readonly Llama4Model _model;

        private Nano(CheckpointFolder checkpoint, Llama4Model model) => (_checkpoint, _model) = (checkpoint, model);

        public ILayerWeights Layers => _model.Layers;

        public static Nano Open(bool isResident)
        {
            var checkpoint = CheckpointFolder.Open(GoldenFolder.Nano);
            var loader = new PartLoader(Llama4ConfigFile.Read(GoldenFolder.Nano), checkpoint, new CpuWeights());
            return new Nano(checkpoint, Llama4Model.Load(loader, new ResidencyPlan(isResident, ReadsAhead: true, 1024), 2));
        }

        public ForwardPass NewPass(int lanes, WorkerTeam team, ILayerWeights? layers = null)
        {
            var alone = lanes == 1 ? team : new WorkerTeam(1);
            return new ForwardPass(layers is null ? _model : _model.With(layers), [.. Enumerable.Range(0, lanes).Select(_ => new Lane(new CpuCompute(alone), _model.Config))], team);
        }

        public TokenState NewState(Random random, int sequences, int longest = 12)
        {
            var state = new TokenState(new CpuCompute(new WorkerTeam(1)), _model.Config);
            state.Batch.Set([.. Enumerable.Range(0, sequences).Select(_ => Enumerable.Range(0, random.Next(1, longest + 1)).Select(_ => random.Next(16_000)).ToArray())]);
            return state;
        }

        public void Dispose()
        {
            _model.Dispose();
            _checkpoint.Dispose();
        }
    }
}
