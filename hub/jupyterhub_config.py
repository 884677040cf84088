"""A JupyterHub for one class: each learner gets JupyterLab with the course; chapters come by an nbgitpuller link.

    jupyterhub -f hub/jupyterhub_config.py

The environment that serves learners needs the course (`pip install -c constraints.txt -e .[lab]`, or the image that
repo2docker builds from environment.yml) and nbgitpuller. Who may log in is for the institution to add: as it stands,
JupyterHub asks for the users and passwords of this machine, and lets in all of them. See TEACHING.md.
"""

c = get_config()  # noqa: F821 (JupyterHub gives it)

c.Authenticator.allow_all = True
c.Spawner.default_url = "/lab"

# A moved slider answers at once, and nobody's JupyterLab asks other hosts for news.
c.Spawner.args = [
    "--ServerApp.kernel_websocket_connection_class=dlcore.lab.PromptConnection",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
]

# One thread for each learner: a chapter then needs one core for about half a minute.
c.Spawner.environment = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

# Kept by spawners that can, such as DockerSpawner, KubeSpawner and SystemdSpawner.
c.Spawner.mem_limit = "2G"
c.Spawner.cpu_limit = 1.0
