using Recs.Embedder.Threading;

namespace Recs.Embedder.Tests.Threading;

public sealed class WorkerTeamTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 5)]
    [InlineData(4, 1)]
    [InlineData(4, 3)]
    [InlineData(4, 1000)]
    public void Run_AnyPieces_EachOnceAndNoWorkerTwiceAtATime(int size, int pieces)
    {
        using var team = new WorkerTeam(size);
        for (var round = 0; round < 20; round++)
        {
            var job = new Counting(size, pieces);
            team.Run(job, pieces);
            Assert.All(job.Runs, runs => Assert.Equal(1, runs));
            Assert.False(job.Overlapped);
        }
    }

    [Fact]
    public void Run_PieceThrows_ThrowsHereAndTheTeamGoesOn()
    {
        using var team = new WorkerTeam(3);
        var failed = Assert.Throws<InvalidOperationException>(() => team.Run(new Failing(), 100));
        Assert.Equal("piece 7", failed.Message);
        var job = new Counting(3, 50);
        team.Run(job, 50);
        Assert.All(job.Runs, runs => Assert.Equal(1, runs));
    }

    [Fact]
    public void Run_SeveralCallers_EachGetsItsOwnJobDone()
    {
        using var team = new WorkerTeam(2);
        Parallel.For(0, 16, _ =>
        {
            var job = new Counting(2, 40);
            team.Run(job, 40);
            Assert.All(job.Runs, runs => Assert.Equal(1, runs));
        });
    }

    private sealed class Counting(int workers, int pieces) : TeamJob
    {
        private readonly int[] _busy = new int[workers];

        public int[] Runs { get; } = new int[pieces];

        public bool Overlapped { get; private set; }

        public override void Run(int worker, int piece)
        {
            if (Interlocked.Increment(ref _busy[worker]) != 1) Overlapped = true;
            Interlocked.Increment(ref Runs[piece]);
            Interlocked.Decrement(ref _busy[worker]);
        }
    }

    private sealed class Failing : TeamJob
    {
        public override void Run(int worker, int piece)
        {
            if (piece == 7) throw new InvalidOperationException("piece 7");
        }
    }
}
