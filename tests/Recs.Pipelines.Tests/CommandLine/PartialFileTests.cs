using Recs.Domain;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Tests.CommandLine;

public sealed class PartialFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recs-pipelines-");

    [Fact]
    public void Keep_WholeFile_HasItsName()
    {
        var path = new FileInfo(Path.Combine(_folder.FullName, "new", "result.bin"));
        using (var file = new PartialFile(path))
        {
            file.Stream.Write([1, 2, 3]);
            Assert.False(File.Exists(path.FullName));
            file.Keep();
        }
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path.FullName));
        Assert.Single(path.Directory!.GetFiles());
    }

    [Fact]
    public void Dispose_NotKept_LeavesNothing()
    {
        var path = new FileInfo(Path.Combine(_folder.FullName, "result.bin"));
        using (var file = new PartialFile(path)) file.Stream.Write([1]);
        Assert.Empty(_folder.GetFiles());
    }

    [Fact]
    public void Constructor_NameOfAFolder_Refuses() => Assert.Throws<RefusedException>(() => new PartialFile(new FileInfo(_folder.FullName)));

    public void Dispose() => _folder.Delete(recursive: true);
}
