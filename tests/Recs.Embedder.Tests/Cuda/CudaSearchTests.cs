using Recs.Embedder.Compute.Cuda;

namespace Recs.Embedder.Tests.Cuda;

public sealed class CudaSearchTests
{
    [Fact]
    public void Candidates_EveryPlace_InOrder()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("file names of Linux");
        var root = GoldenFolder.Temporary();
        string Touch(params string[] parts)
        {
            var path = Path.Combine([root, .. parts]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "");
            return path;
        }

        var named = Touch("named", "libnvrtc.so.12");
        var namedPip = Touch("named", "nvidia", "cu13", "lib", "libnvrtc.so.13");
        var toolkit = Touch("cuda", "lib64", "libnvrtc.so.13");
        var pip = Touch("venv", "lib", "python3.12", "site-packages", "nvidia", "cuda_nvrtc", "lib", "libnvrtc.so.12");
        var search = Of(("RECS_CUDA_PATH", Path.Combine(root, "named")), ("CUDA_PATH", Path.Combine(root, "cuda")), ("VIRTUAL_ENV", Path.Combine(root, "venv")));
        Assert.Equal([named, namedPip, "libnvrtc.so.13", "libnvrtc.so.12", toolkit, pip], search.Candidates(CudaLibrary.Nvrtc));
        Assert.Equal(["libcuda.so.1"], search.Candidates(CudaLibrary.Driver));
    }

    [Fact]
    public void Describe_Missing_NamesEveryNameTriedAndWhatToInstall()
    {
        var said = Of().Describe(CudaLibrary.CublasLt);
        foreach (var name in CudaLibrary.CublasLt.FileNames) Assert.Contains(name, said);
        Assert.Contains("RECS_CUDA_PATH (not set)", said);
        Assert.Contains("install CUDA's libcublas", said);
        Assert.DoesNotContain('\n', said);
    }

    private static CudaSearch Of(params (string Name, string Value)[] variables) => new(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
}
